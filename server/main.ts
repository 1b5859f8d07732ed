/** The gateway as a process: command line in, one `ready` line out, clean stop on a signal. */
import { fileURLToPath } from 'node:url';
import { renderUnicodeCompact } from 'uqr';
import { describeThrown } from '../src/model/errors.ts';
import { parseCommand } from './cli.ts';
import { createGateway, type RunningGateway } from './gateway.ts';
import { createLog } from './log.ts';
import type { GatewayOptions } from './ports.ts';

/** ms after which a stop that hangs is cut short; stored data is safe by then, as the store is written first. */
const STOP_DEADLINE = 8000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

await main();

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2), process.env);
  if (!command.ok) {
    complain(command.error);
    process.exitCode = 2;
  } else if (command.value.kind === 'help') {
    say(command.value.text.trimEnd());
  } else {
    // The bundle is dist/server/main.js, the app beside it in dist/app.
    await run({ ...command.value.options, appDir: fileURLToPath(new URL('../app', import.meta.url)) });
  }
}

async function run(options: GatewayOptions): Promise<void> {
  let gateway: RunningGateway;
  try {
    gateway = await createGateway(options, createLog());
  } catch (thrown) {
    complain(startComplaint(thrown, options));
    process.exitCode = 1;
    return;
  }
  stopOnSignal(gateway);
  if (gateway.lan) sayLan(gateway.lan, gateway.notCovered);
  say(`ready  ${gateway.url}/`);
}

/** Once is enough: npm forwards a signal that the terminal has sent already. */
function stopOnSignal(gateway: RunningGateway): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_DEADLINE).unref();
    gateway.close().then(
      () => process.exit(0),
      (thrown: unknown) => {
        complain(`Could not stop cleanly: ${describeThrown(thrown)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function startComplaint(thrown: unknown, options: GatewayOptions): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  const port = thrown instanceof Error && 'port' in thrown ? String(thrown.port) : String(options.port);
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Stop what uses it, or choose another one with --port.`;
  if (code === 'EACCES' && 'port' in Object(thrown))
    return `Port ${port} may not be used by this account. Choose one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${options.host} is not an address of this machine. See --host.`;
  return `The gateway could not start: ${describeThrown(thrown)}`;
}

function sayLan(lan: NonNullable<RunningGateway['lan']>, notCovered: readonly string[]): void {
  const install = lan.ca_url.replace(/\/ca\.crt$/, '');
  say(renderUnicodeCompact(lan.url, { border: 2 }));
  say(`Phones and tablets on this network: ${lan.url}/`);
  say(`First time on a device, install the certificate: ${install}`);
  say(`Its fingerprint: ${lan.fingerprint}`);
  if (notCovered.length > 0) {
    say(
      `Not covered by the certificate: ${notCovered.join(', ')}. Remove the folder lan in the data folder to make a new one.`,
    );
  }
}
