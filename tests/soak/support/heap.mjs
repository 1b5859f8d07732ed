/** Memory of a page and its workers, as V8 counts it after garbage was collected. */

/** A function that gives the bytes in use by the page's own thread, buffers included. */
export async function pageHeap(page) {
  const session = await page.context().newCDPSession(page);
  return async () => {
    await session.send('HeapProfiler.collectGarbage');
    return bytesOf(await session.send('Runtime.getHeapUsage'));
  };
}

/**
 * A function that gives the bytes in use by the page's worker, buffers included.
 * @param {string} [part] of the address of its script, where the page has several
 */
export async function workerHeap(page, part = '') {
  const session = await page.context().newCDPSession(page);
  const answers = new Map();
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    answers.get(id)?.(result);
    answers.delete(id);
  });
  const attached = new Promise((resolve) => {
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker' && targetInfo.url.includes(part)) resolve(sessionId);
    });
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached;
  let ids = 0;
  const ask = (method) =>
    new Promise((resolve) => {
      ids += 1;
      answers.set(ids, resolve);
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: ids, method }) });
    });
  return async () => {
    await ask('HeapProfiler.collectGarbage');
    return bytesOf(await ask('Runtime.getHeapUsage'));
  };
}

function bytesOf({ usedSize, backingStorageSize }) {
  return usedSize + backingStorageSize;
}
