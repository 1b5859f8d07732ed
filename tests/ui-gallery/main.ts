/** Shows one scene: `?scene=one-live&theme=dark`. Without a scene: the list of them. */
import { mountApp } from '../../src/ui/mount.ts';
import { createScriptedApp } from '../support/scripted-app.ts';
import { SCENES } from './scenes.ts';

const wanted = new URLSearchParams(location.search);
const scene = SCENES[wanted.get('scene') ?? ''];
const theme = wanted.get('theme');
if (theme === null) localStorage.removeItem('sensocto.theme');
else localStorage.setItem('sensocto.theme', theme);

const target = document.getElementById('app');
if (scene === undefined) {
  target?.append(
    ...Object.keys(SCENES).map((name) => {
      const link = document.createElement('a');
      link.href = `?scene=${name}`;
      link.textContent = `${name} `;
      return link;
    }),
  );
} else if (target !== null) {
  const now = Date.now();
  const app = createScriptedApp(now);
  scene.set(app, now);
  location.hash = `#/${scene.screen}`;
  mountApp(target, app);
  setInterval(() => app.now.set(Date.now()), 1000);
  // The photographs press by themselves, as a person does: what then moves was asked for.
  if (wanted.get('press') === 'no') document.documentElement.dataset['press'] = JSON.stringify(scene.press ?? []);
  else void pressAll(scene.press ?? []);
}

/** Presses one after the other, each when it has come. */
async function pressAll(names: readonly string[]): Promise<void> {
  for (const step of names) {
    const [name = '', value] = step.replace('page: ', '').split(' = ');
    for (let tries = 0; tries < 40; tries++) {
      if (value !== undefined && fill(name, value)) break;
      const found = [...document.querySelectorAll<HTMLElement>('button, summary')].find((one) =>
        (one.getAttribute('aria-label') ?? one.textContent).trim().startsWith(name),
      );
      found?.click();
      if (found) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** Types into the field with this label; false while there is none. */
function fill(label: string, text: string): boolean {
  const labels = [...document.querySelectorAll('label')];
  const field = labels.find((one) => one.textContent.trim() === label)?.control;
  if (!(field instanceof HTMLInputElement)) return false;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}
