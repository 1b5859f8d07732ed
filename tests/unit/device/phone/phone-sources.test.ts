/** All sources with a browser's own objects, which are fakes here: their properties sit on prototypes, as real ones do. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPhoneSources } from '../../../../src/device/phone/phone-sources.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { CountingTarget, fakeClass, hearing } from './support.ts';

/** A fake of `navigator`; each method checks that it is called on its own object, as browsers do. */
class FakeNavigator {
  get onLine(): boolean {
    return true;
  }
  get mediaDevices() {
    const devices = {
      getUserMedia() {
        if (this !== devices) throw new TypeError('Illegal invocation');
        return Promise.reject(new DOMException('no', 'NotAllowedError'));
      },
    };
    return devices;
  }
  get geolocation() {
    return { watchPosition: () => 1, clearWatch: () => undefined };
  }
  get permissions() {
    return { query: ({ name }: { name: string }) => this.#query(name) };
  }
  getBattery() {
    if (!(this instanceof FakeNavigator)) throw new TypeError('Illegal invocation');
    return Promise.resolve(Object.assign(new CountingTarget(), { level: 0.5, charging: true }));
  }
  #query(name: string) {
    return name === 'geolocation'
      ? Promise.resolve({ state: 'denied' })
      : Promise.reject(new TypeError(`unknown permission ${name}`));
  }
}

function browser(more: Readonly<Record<string, unknown>> = {}) {
  const window = new CountingTarget();
  const globals = {
    navigator: new FakeNavigator(),
    window,
    document: new CountingTarget(),
    isSecureContext: true,
    ...more,
  };
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  const parts = createPhoneSources(() => 'exact', createManualClock());
  const by = (kind: string) => {
    const found = parts.sources.find((source) => source.kind === kind);
    if (!found) throw new Error(`no source ${kind}`);
    return found;
  };
  return { parts, by, window };
}

afterEach(() => vi.unstubAllGlobals());

describe('the sources of this phone', () => {
  it('have kinds of their own, and say for each whether it can work here', async () => {
    const { parts } = browser({ Accelerometer: fakeClass().Class, AudioWorkletNode: class {} });
    const offers = await Promise.all(
      parts.sources.map(async ({ kind, support }) => {
        const supported = await support();
        return `${kind} ${supported.ok ? 'yes' : supported.error.code}`;
      }),
    );
    expect(offers).toEqual([
      'motion yes',
      'orientation source-unsupported',
      'geolocation source-permission',
      'microphone yes',
      'buttons yes',
      'markers yes',
      'presence yes',
      'battery yes',
      'network yes',
      'light source-unsupported',
      'proximity source-unsupported',
    ]);
  });

  it('call the browser’s methods on their own objects', async () => {
    const { by } = browser({ AudioWorkletNode: class {} });
    const heard = hearing();
    const { signal } = new AbortController();
    await by('battery').start(heard, signal);
    expect(heard.payloads('battery')).toEqual([{ level: 50, charging: 'yes' }]);
    expect(await by('microphone').start(heard, signal)).toMatchObject({ error: { code: 'source-permission' } });
  });

  it('ask both questions of WebKit within the tap, and take the worse answer', async () => {
    const asked: string[] = [];
    const question = (name: string, answer: string) => ({
      requestPermission: () => {
        asked.push(name);
        return Promise.resolve(answer);
      },
    });
    const { by } = browser({
      DeviceMotionEvent: question('motion', 'granted'),
      DeviceOrientationEvent: question('orientation', 'denied'),
    });
    const answer = by('motion').ask?.();
    expect(asked).toEqual(['motion', 'orientation']);
    expect(await answer).toMatchObject({ error: { code: 'source-permission' } });
  });

  it('hear keys as buttons and markers, as far as those are on', async () => {
    const { parts, window } = browser();
    const heard = hearing();
    const { signal } = new AbortController();
    await parts.buttons.source.start(heard, signal);
    const ending = new AbortController();
    let escapes = 0;
    parts.captureKeys(() => (escapes += 1), ending.signal);
    const key = (code: string, name: string): void =>
      window.fire('keydown', { code, key: name, preventDefault: () => undefined });
    key('Digit4', '4');
    key('KeyA', 'a');
    await parts.markers.source.start(heard, signal);
    key('KeyA', 'a');
    key('Escape', 'Escape');
    window.fire('blur');
    expect(heard.payloads('button')).toEqual([
      { value: 4, event: 'press' },
      { value: 4, event: 'release' },
    ]);
    expect(heard.payloads('marker')).toEqual([{ text: 'key a', number: 1 }]);
    expect(escapes).toBe(1);
    ending.abort();
    expect(window.listeners).toBe(0);
  });
});
