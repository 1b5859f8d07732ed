/**
 * The baseline of the gateway's rows: a bare `ws` server in a process of its own. It parses and keeps nothing; it answers
 * joins and pings (short frames, looked for by their bytes), so that the same load generator can drive it.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

const SELF = fileURLToPath(import.meta.url);
/** Frames that want an answer are short. */
const SHORT = 600;

/** Starts one. @returns {Promise<{ url: string, pid: number, stop(): Promise<void> }>} */
export async function startSink() {
  const child = fork(SELF, ['serve'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise((listening) => child.once('message', listening));
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? -1,
    async stop() {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function serve() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      if (data.length > SHORT) return;
      if (data.includes('"measurement') || !/"(phx_join|phx_leave|ping|heartbeat)"/.test(data.toString())) return;
      const [joinRef, ref, topic, , payload] = JSON.parse(data.toString());
      const reply = { status: 'ok', response: payload };
      socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', reply]));
    });
  });
  server.on('listening', () => process.send?.(server.address().port));
  // The parent is gone: nobody is left to answer.
  process.on('disconnect', () => process.exit(0));
}

if (process.argv[1] === SELF && process.argv[2] === 'serve') serve();
