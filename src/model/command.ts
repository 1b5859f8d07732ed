/**
 * Commands from the platform to a device (`device_command`): a viewer moves a motor, lights an LED, plays a tone. Which
 * commands exist depends on the sensor type. On the wire: protocol/command.ts.
 */

/** Toys reached through Intiface; `speed` and `position` 0–1, `duration` ms. */
export type ToyCommand =
  | { readonly command: 'vibrate'; readonly speed: number }
  | { readonly command: 'rotate'; readonly speed: number; readonly clockwise: boolean }
  | { readonly command: 'linear'; readonly position: number; readonly duration: number }
  | { readonly command: 'stop' };

/** Nordic Thingy:52. */
export type ThingyCommand =
  | {
      readonly command: 'set_led';
      readonly led: {
        /** `off`, `constant` (r, g, b 0–255), `breathe` and `one_shot` (colour 1–7, intensity 1–100 %, delay ms). */
        readonly mode: 'off' | 'constant' | 'breathe' | 'one_shot';
        readonly r: number;
        readonly g: number;
        readonly b: number;
        /** Percent. */
        readonly intensity: number;
        /** ms between two breaths. */
        readonly delay: number;
      };
    }
  /** `frequency` Hz, `duration` ms. */
  | { readonly command: 'play_tone'; readonly frequency: number; readonly duration: number }
  /** One of the samples stored in the device, from 0. */
  | { readonly command: 'play_sample'; readonly sample: number };

export type DeviceCommand = ToyCommand | ThingyCommand;
