/** The way to this phone's own sensors: what they are read with is fetched when somebody asks for it, once. */
import { createStore } from '../lib/store.ts';
import { ok, type Result } from '../model/result.ts';
import type { PhoneState, SensoctoApp } from './api.ts';
import type { Devices } from './devices.ts';
import { fetchOnce } from './fetch-once.ts';
import type { Phone } from './phone.ts';

/** One installation is one phone. */
export const PHONE_ID = 'this-phone';

export const NO_PHONE_STATE: PhoneState = {
  held: [],
  capturing: false,
  locationDetail: 'exact',
  fullRate: false,
  shared: undefined,
};

type PhoneActions =
  | 'phone'
  | 'phoneOffers'
  | 'usePhone'
  | 'press'
  | 'release'
  | 'mark'
  | 'captureKeys'
  | 'share'
  | 'setLocationDetail'
  | 'pinFullRate';

export function createPhoneDoor(
  load: () => Promise<Phone>,
  devices: Devices,
  now: () => number,
): Pick<SensoctoApp, PhoneActions> {
  const state = createStore(NO_PHONE_STATE);
  const withPhone = fetchOnce(async () => {
    const phone = await load();
    phone.state.subscribe(() => state.set(phone.state.get()));
    return phone;
  });

  const change = (run: (phone: Phone) => void): Promise<Result<void>> => withPhone((phone) => ok(run(phone)));
  /** Dated before anything is fetched. */
  const act = (run: (phone: Phone, at: number) => Result<void>): Promise<Result<void>> => {
    const at = now();
    return withPhone((phone) => run(phone, at));
  };

  async function use(phone: Phone, kinds: readonly string[]): Promise<Result<void>> {
    await phone.ask(kinds);
    const listed = devices.views.get().find(({ deviceId }) => deviceId === PHONE_ID);
    if (!listed) return devices.add(phone.origin(kinds));
    let switched: Result<void> = ok(undefined);
    for (const kind of kinds) {
      const one = await devices.switchSource(PHONE_ID, kind, true);
      if (!one.ok) switched = one;
    }
    return listed.link.at === 'idle' ? devices.reconnect(PHONE_ID) : switched;
  }

  return {
    phone: state,
    phoneOffers: () => withPhone(async (phone) => ok(await phone.offers())),
    usePhone: (kinds) => withPhone((phone) => use(phone, kinds)),
    press: (button) => act((phone, at) => phone.press(button, at)),
    release: (button) => act((phone, at) => phone.release(button, at)),
    mark: (text) => act((phone, at) => phone.mark(text, at)),
    share: (presence) => act((phone, at) => phone.share(presence, at)),
    captureKeys: (on) => withPhone((phone) => phone.captureKeys(on)),
    setLocationDetail: (detail) => change((phone) => phone.setLocationDetail(detail)),
    pinFullRate: (on) => change((phone) => phone.pinFullRate(on)),
  };
}
