/** The page is killed again and again at random moments, then the whole browser: a quarter second each is lost at most. */
import { pause, withSession } from '../support/session.mjs';

export const minutes = 6;
export const says =
  'the renderer killed 20 times, the browser 5 times, the leading tab 10 times: at most 250 ms each are lost, nothing comes twice';

const RENDERERS = 20;
const BROWSERS = 5;
const LEADERS = 10;

export async function run({ minutes: wanted, say }) {
  const scale = wanted / minutes;
  const pages = await withSession(async (session) => {
    for (let kills = 0; kills < RENDERERS * scale; kills++) {
      await pause(500 + 4000 * Math.random());
      await session.killPage();
      await session.openPage();
    }
    await pause(2000);
    return session.finish();
  });
  say(`renderer killed ${Math.ceil(RENDERERS * scale)} times: ${pages}`);
  const browsers = await withSession(async (session) => {
    for (let kills = 0; kills < BROWSERS * scale; kills++) {
      await pause(500 + 4000 * Math.random());
      await session.killBrowser();
      await session.openPage();
    }
    await pause(2000);
    return session.finish();
  });
  say(`browser killed ${Math.ceil(BROWSERS * scale)} times: ${browsers}`);
  const leaders = await withSession(
    async (session) => {
      for (let kills = 0; kills < LEADERS * scale; kills++) {
        // The older one leads.
        const leader = session.page;
        await session.openPage();
        await pause(500 + 3000 * Math.random());
        await session.killPage(leader);
      }
      await pause(2000);
      return session.finish();
    },
    { straps: 3 },
  );
  say(`leading tab killed ${Math.ceil(LEADERS * scale)} times: ${leaders}`);
  return 'at most 250 ms lost each time, nothing doubled';
}
