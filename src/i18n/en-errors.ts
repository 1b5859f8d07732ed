/**
 * One entry per error code: what happened, what it means for the data, one thing to do. Second person, short, no
 * technical words: the technical detail is one level down, in the details of a device. Fetched after the first paint; what
 * the first screen itself may have to say is in `en-first-errors.ts`.
 */
import type { ErrorCode } from '../model/errors.ts';
import { enFirstErrors, KEPT, NOTHING_MEASURED, type ErrorText } from './en-first-errors.ts';

/** For camera and pose. */
const NO_MOVEMENT = 'No movement is measured until the camera runs.';

export const enErrors: Readonly<Record<ErrorCode, ErrorText>> = {
  ...enFirstErrors,
  'bluetooth-cancelled': {
    what: 'No sensor was chosen.',
    data: 'Nothing has changed.',
    todo: 'If yours was not in the list: put it on, close other apps that use it, then list all devices.',
  },
  'bluetooth-no-gesture': {
    what: 'The browser wants a tap before it shows Bluetooth sensors.',
    data: 'Nothing has changed.',
    todo: 'Tap the button once more.',
  },
  'bluetooth-out-of-range': {
    what: 'The sensor cannot be reached.',
    data: 'Nothing is measured while it is away. The time without data shows as a gap.',
    todo: 'Bring it closer. Check that it is worn and its battery is not flat.',
  },
  'bluetooth-busy': {
    what: 'The sensor is busy, probably with another app.',
    data: NOTHING_MEASURED,
    todo: 'Close other apps and tabs that use it, then reconnect.',
  },
  'bluetooth-timeout': {
    what: 'The sensor did not answer in time.',
    data: 'Nothing is measured until it answers.',
    todo: 'Move closer, wake the sensor, then reconnect.',
  },
  'bluetooth-no-services': {
    what: 'This device offers nothing this app can read.',
    data: NOTHING_MEASURED,
    todo: 'Choose a heart-rate strap, or another sensor that sends the standard heart rate.',
  },
  'bluetooth-gatt': {
    what: 'The sensor reported a fault.',
    data: 'Nothing arrives from it at the moment. What was measured before is kept.',
    todo: 'Reconnect. If it happens again, switch the sensor off and on.',
  },
  'bluetooth-device-forgotten': {
    what: 'The browser has forgotten this sensor.',
    data: KEPT,
    todo: 'Pair it again.',
  },
  'bluetooth-other-tab': {
    what: 'This sensor is in use in another tab.',
    data: 'Measuring goes on there.',
    todo: 'Go to that tab, or stop the sensor there first.',
  },
  'source-unsupported': {
    what: 'This device or browser does not offer that sensor.',
    data: 'Nothing is measured by it; everything else goes on.',
    todo: 'Use Chrome on an Android phone for the most sensors, or another device.',
  },
  'source-permission': {
    what: 'The browser does not allow this page to use that sensor.',
    data: 'Nothing is measured by it; everything else goes on.',
    todo: 'Allow it in the browser’s site settings, then switch it on again.',
  },
  'source-insecure': {
    what: 'The browser lets pages use this sensor only at a secure (https) address.',
    data: 'Nothing is measured by it; everything else goes on.',
    todo: 'Open the https address of this server, or ask the person who runs it for one.',
  },
  'source-silent': {
    what: 'The sensor is on but delivers no values.',
    data: 'Nothing is measured by it; everything else goes on.',
    todo: 'Chrome: allow Motion sensors in the site settings. iPhone: Settings, Apps, Safari, Motion & Orientation Access. Then switch it on again.',
  },
  'source-empty': {
    what: 'The browser reports this sensor, but without values.',
    data: 'Nothing is measured by it; everything else goes on.',
    todo: 'Many computers have no such sensor: use a phone. On a phone, allow Motion sensors in the browser’s site settings, then switch it on again.',
  },
  'source-busy': {
    what: 'Something else uses this sensor at the moment, such as a call.',
    data: 'Nothing is measured by it until it is free; everything else goes on.',
    todo: 'End the call or close the other app, then switch it on again.',
  },
  'source-no-place': {
    what: 'This device does not know where it is at the moment.',
    data: 'No place is recorded until it does; everything else goes on.',
    todo: 'Switch on location in the device’s settings, and go near a window or outside.',
  },
  'source-off': {
    what: 'This is switched off.',
    data: 'Nothing was recorded.',
    todo: 'Switch it on under This phone, then try again.',
  },
  'source-input': {
    what: 'There is nothing here that can be recorded.',
    data: 'Nothing was recorded.',
    todo: 'Write a few words; an address must begin with https.',
  },
  'serial-unsupported': {
    what: 'This browser cannot read devices on a cable.',
    data: NOTHING_MEASURED,
    todo: 'Open this page in Chrome or Edge on a computer.',
  },
  'serial-insecure': {
    what: 'The browser lets pages read devices on a cable only at a secure (https) address.',
    data: NOTHING_MEASURED,
    todo: 'Open the https address of this server, or ask the person who runs it for one.',
  },
  'serial-cancelled': {
    what: 'No port was chosen.',
    data: 'Nothing has changed.',
    todo: 'If yours was not in the list: plug it in, try another cable, or choose “Custom” to list every port.',
  },
  'serial-permission': {
    what: 'The browser does not let this page use that port.',
    data: NOTHING_MEASURED,
    todo: 'Choose the port again, and allow this page to use serial ports.',
  },
  'serial-busy': {
    what: 'Another program has the port open.',
    data: 'Nothing is measured until it is free.',
    todo: 'Close the Arduino serial monitor and other programs that use it. On Linux, join the group “dialout”.',
  },
  'serial-disconnected': {
    what: 'The cable was pulled, or the device has no power.',
    data: 'Nothing is measured while it is away. The time without data shows as a gap.',
    todo: 'Plug it in again: measuring goes on by itself.',
  },
  'serial-input': {
    what: 'A port cannot be opened with this speed.',
    data: 'Nothing has changed.',
    todo: 'Choose the speed that stands in the device’s program, for example 115200.',
  },
  'serial-garbage': {
    what: 'What comes from the device is unreadable, probably because the speed is wrong.',
    data: 'It was left out and counted.',
    todo: 'Add the device again with the speed (baud) that stands in its program.',
  },
  'serial-unknown-format': {
    what: 'The device sends something, but no numbers that this app can find.',
    data: 'It was left out and counted. The app goes on looking.',
    todo: 'Let it print lines such as temperature:21.5, as the guide for Arduino shows.',
  },
  'serial-overrun': {
    what: 'The device sent more than this computer could take in at that moment.',
    data: 'What came in between is lost, and counted where the device numbers its samples.',
    todo: 'If it happens often, close other programs or let the device send less.',
  },
  'serial-line-noise': {
    what: 'Bytes were damaged on the cable.',
    data: 'They were left out. The stream goes on.',
    todo: 'Check the speed (baud) and the cable.',
  },
  'mapping-invalid': {
    what: 'This description of a device cannot be used.',
    data: 'Nothing changed.',
    todo: 'Check the field that is named below, or ask for the file again.',
  },
  'mapping-duplicate': {
    what: 'Two readings have the same name.',
    data: 'Nothing changed.',
    todo: 'Give each reading a name of its own.',
  },
  'uuid-invalid': {
    what: 'That is no service number.',
    data: 'Nothing changed.',
    todo: 'Type four hexadecimal digits (180d) or the long form with dashes.',
  },
  'uuid-missing': {
    what: 'The browser shows only services that were named before.',
    data: 'Nothing changed.',
    todo: 'Type the number of the device’s service; its maker’s description or a scanner app has it.',
  },
  'toys-address': {
    what: 'Toys are reached only through Intiface on this very computer.',
    data: 'Nothing was connected.',
    todo: 'Use the address that was filled in, and start Intiface on the computer that shows this page.',
  },
  'toys-unreachable': {
    what: 'Intiface does not answer.',
    data: 'Nothing moves; measuring goes on.',
    todo: 'Start the server in Intiface Central, then try again.',
  },
  'toys-version': {
    what: 'This Intiface is too old.',
    data: 'Nothing was connected.',
    todo: 'Update Intiface Central, then try again.',
  },
  'toys-refused': {
    what: 'Intiface refused a command.',
    data: 'Measuring goes on.',
    todo: 'Check the toy in Intiface Central.',
  },
  'camera-unsupported': {
    what: 'This browser does not let pages use a camera.',
    data: NO_MOVEMENT,
    todo: 'Use a current Chrome, Edge, Firefox or Safari.',
  },
  'camera-insecure': {
    what: 'The browser lets pages use the camera only at a secure (https) address.',
    data: NO_MOVEMENT,
    todo: 'Open the https address of this server, or ask the person who runs it for one.',
  },
  'camera-permission': {
    what: 'The browser does not allow this page to use the camera.',
    data: NO_MOVEMENT,
    todo: 'Allow the camera in the browser’s site settings, then start it again.',
  },
  'camera-missing': {
    what: 'There is no such camera here.',
    data: NO_MOVEMENT,
    todo: 'Plug a camera in, or choose another one.',
  },
  'camera-busy': {
    what: 'The camera is in use elsewhere.',
    data: NO_MOVEMENT,
    todo: 'Close other apps and tabs that use the camera, then start it again.',
  },
  'camera-lost': {
    what: 'The camera was taken away while it ran.',
    data: 'No movement is measured until it is back. What was measured before is kept.',
    todo: 'Plug it in or allow it again, then start it again.',
  },
  'camera-hidden': {
    what: 'This browser gives pages no pictures while they are hidden.',
    data: 'No movement is measured meanwhile. The time shows as a gap.',
    todo: 'Keep this page on the screen.',
  },
  'pose-runtime': {
    what: 'The part that recognises bodies could not be fetched.',
    data: NO_MOVEMENT,
    todo: 'Check the connection to your server, then try again.',
  },
  'pose-model-missing': {
    what: 'There is no model of the body on this device yet.',
    data: NO_MOVEMENT,
    todo: 'Fetch a model, or choose a file you have.',
  },
  'pose-model-corrupt': {
    what: 'This file is not a model that can be used, or it is damaged.',
    data: NO_MOVEMENT,
    todo: 'Remove it and fetch it again, or choose another file.',
  },
  'pose-model-changed': {
    what: 'The file at this address is no longer the one that was fetched before.',
    data: 'The model you have stays in use.',
    todo: 'Ask the person who runs the address. To use the new file all the same, remove the old one first.',
  },
  'pose-model-address': {
    what: 'Models cannot be fetched from this address.',
    data: NO_MOVEMENT,
    todo: 'Check the address, choose a file instead, or ask the person who runs your server to allow it.',
  },
  'pose-model-unreachable': {
    what: 'The model could not be fetched.',
    data: NO_MOVEMENT,
    todo: 'Check the connection and the address, then try again.',
  },
  'pose-model-too-large': {
    what: 'The file is too large for a model of this kind.',
    data: NO_MOVEMENT,
    todo: 'Check the address or choose another file.',
  },
  'pose-unsupported': {
    what: 'This browser or device cannot recognise bodies: it lacks WebAssembly or WebGL 2.',
    data: NO_MOVEMENT,
    todo: 'Use a current Chrome or Edge, and switch hardware acceleration on.',
  },
  'pose-hung': {
    what: 'Recognising bodies stood still for five seconds and was started again.',
    data: 'No movement was measured meanwhile. Your other sensors went on.',
    todo: 'Nothing to do. If it happens often, choose the smaller model.',
  },
  'pose-inference': {
    what: 'Recognising bodies failed and was started again.',
    data: 'No movement was measured meanwhile. Your other sensors went on.',
    todo: 'Nothing to do. If it happens often, choose another model or camera.',
  },
  'pose-gave-up': {
    what: 'Recognising bodies failed three times within a minute and was stopped.',
    data: NO_MOVEMENT,
    todo: 'Start the camera again. If it happens often, choose the smaller model.',
  },
  'pose-frame': {
    what: 'A picture of the camera could not be used.',
    data: 'That one picture is missing.',
    todo: 'Nothing to do.',
  },
  'command-unsupported': {
    what: 'A viewer sent a command that this device does not know.',
    data: 'Measuring goes on.',
    todo: 'Nothing: the command was not carried out.',
  },
  'command-invalid': {
    what: 'A viewer sent a command that makes no sense.',
    data: 'Measuring goes on.',
    todo: 'Nothing here: the command was not carried out. Tell whoever sent it.',
  },
  'decode-checksum': {
    what: 'A packet from the sensor was damaged on its way.',
    data: 'That packet is not used; the stream goes on.',
    todo: 'If it happens often, bring the sensor closer.',
  },
  'decode-truncated': {
    what: 'A packet from the sensor was cut short.',
    data: 'That packet was left out and counted. The rest goes on.',
    todo: 'If it happens often, move closer to the sensor.',
  },
  'decode-oversized': {
    what: 'A packet from the sensor was longer than its standard allows.',
    data: 'That packet was left out and counted. The rest goes on.',
    todo: 'Look for a firmware update of the sensor.',
  },
  'decode-reserved': {
    what: 'A packet from the sensor held a value its standard reserves.',
    data: 'That packet was left out and counted. The rest goes on.',
    todo: 'Look for a firmware update of the sensor.',
  },
  'decode-not-finite': {
    what: 'A packet from the sensor held something that is not a number.',
    data: 'That packet was left out and counted. The rest goes on.',
    todo: 'Look for a firmware update of the sensor.',
  },
  'wire-not-json': {
    what: 'The server sent something unreadable.',
    data: 'It was ignored. Your measurements are not affected.',
    todo: 'If it happens often, tell the people who run the server.',
  },
  'wire-shape': {
    what: 'The server sent something in an unexpected form.',
    data: 'It was ignored. Your measurements are not affected.',
    todo: 'If it happens often, tell the people who run the server.',
  },
  'wire-too-large': {
    what: 'A message was too large to send.',
    data: 'It stays on this device and is counted as kept.',
    todo: 'Tell the makers of this app, with the details shown here.',
  },
  'attribute-id-invalid': {
    what: 'The sensor names a reading in a way the server does not accept.',
    data: 'That reading is not sent. The others are.',
    todo: 'Tell the makers of this app, with the details shown here.',
  },
  'block-corrupt': {
    what: 'Some kept samples are damaged.',
    data: 'They are set aside and counted. All others are sent.',
    todo: 'Nothing to do: measuring goes on.',
  },
  'block-version': {
    what: 'Some kept samples were written by a newer version of this app.',
    data: 'They stay on this device until that version runs again.',
    todo: 'Reload the page to update the app.',
  },
  'server-unreachable': {
    what: 'The server does not answer.',
    data: 'Measuring goes on. What is measured is kept here and sent later.',
    todo: 'Check the network. The app keeps trying by itself.',
  },
  'server-unauthorized': {
    what: 'The server no longer accepts this device.',
    data: 'Measuring goes on. What is measured is kept here until you are accepted again.',
    todo: 'Try again to sign in as a new guest.',
  },
  'server-join-crashed': {
    what: 'The server failed while taking this sensor in.',
    data: 'What is measured is kept here.',
    todo: 'Try again in a minute. If it stays, tell the people who run the server.',
  },
  'server-refused': {
    what: 'The server refused this sensor.',
    data: 'What is measured is kept here.',
    todo: 'Try again. If it stays, tell the people who run the server.',
  },
  'server-invalid-batch': {
    what: 'The server refused some measurements.',
    data: 'They are set aside on this device, not thrown away.',
    todo: 'Tell the makers of this app, with the details shown here.',
  },
  'server-rate-limited': {
    what: 'The server asked this device to slow down.',
    data: 'What is measured is kept here and sent a little later.',
    todo: 'Nothing to do: the app tries again by itself.',
  },
  'server-no-viewer-tokens': {
    what: 'This server gives no viewer tokens, so other people’s sensors cannot be shown here.',
    data: 'Your own sensors are measured and sent as usual.',
    todo: 'Watch on the server’s own pages, or ask the people who run it.',
  },
  'server-no-guests': {
    what: 'This server takes no guests.',
    data: 'What is measured is kept here and not sent.',
    todo: 'Sign in with an account of that server.',
  },
  'connector-name-invalid': {
    what: 'The server does not accept this name.',
    data: 'The old name stays in use.',
    todo: 'Choose a name that is not empty and at most 100 bytes long.',
  },
  'tab-buffer-full': {
    what: 'No tab of this app could store what was measured, and this tab ran out of room.',
    data: 'The oldest packets it held were left out and counted.',
    todo: 'Reload the page. Close other tabs of this app.',
  },
  'storage-unavailable': {
    what: 'The browser gives this app no lasting storage.',
    data: 'Everything works, but kept samples and names are gone when you close this tab.',
    todo: 'Leave private browsing, or allow storage for this address.',
  },
  'worker-crashed': {
    what: 'The part of the app that measures has stopped.',
    data: 'Samples of the last moments may be missing. What was stored is safe.',
    todo: 'Reload the page.',
  },
  unexpected: {
    what: 'Something went wrong that this app did not expect.',
    data: 'What was stored is safe.',
    todo: 'Try again. If it stays, reload the page.',
  },
};
