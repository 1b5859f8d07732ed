/** Somebody who watches, without a browser. */
import { RawClient } from './raw-client.ts';

/**
 * Looks at every sensor, or at those named, until closed. Attention is what makes a server ask for samples at once; a single
 * sensor has all of it.
 */
export async function attend(gateway: string, sensorIds: readonly string[] | null = null): Promise<RawClient> {
  const post = async (path: string, body: object, bearer?: string): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', ...(bearer !== undefined && { authorization: bearer }) };
    const answer = await fetch(`${gateway}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
  const request = { sensor_ids: sensorIds, quality: 'low' };
  const { token } = (await post('/api/viewer-tokens', request, 'Bearer missing')) as { token: string };
  const watcher = await RawClient.open(`${gateway.replace('http', 'ws')}/socket/websocket?vsn=2.0.0`);
  await watcher.join(`viewer:data:${token}`, {});
  return watcher;
}
