/** From a viewer to a device: a command for a sensor goes to whoever streams it. Shapes in `src/protocol/command.ts`. */
import { Hono, type Context } from 'hono';
import type { AppError } from '../../src/model/errors.ts';
import { acceptsCommands, deviceCommandPayload, parseDeviceCommand, takesCommand } from '../../src/protocol/command.ts';
import { PATH } from '../../src/protocol/rest.ts';
import type { CommandRoute, Credentials, SensorDirectory } from '../ports.ts';
import type { HttpEnv } from './context.ts';
import { refuse } from './errors.ts';
import { limited } from './limits.ts';
import { createRateLimiter } from './rate-limit.ts';
import { identify, readJson, refuseMethod, refuseUnauthorized, refuseUnknownSensor } from './rest.ts';

/** A slider that is moved sends some ten a second, and several people may share an address. */
const COMMANDS_PER_MINUTE = 1200;

export interface CommandDeps {
  readonly credentials: Credentials;
  readonly sensors: SensorDirectory & CommandRoute;
  /** Unix ms. */
  readonly now: () => number;
}

/** `POST /api/sensors/:id/command`, to be mounted at the root: 202 once handed on, which is not yet obeyed. */
export function commandRoutes({ credentials, sensors, now }: CommandDeps): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  const path = `${PATH.sensors}/:id/command` as const;

  routes.post(path, limited(createRateLimiter(COMMANDS_PER_MINUTE), now), async (c) => {
    if (!identify(c, credentials)) return refuseUnauthorized(c);
    const command = parseDeviceCommand(await readJson(c));
    const sensorId = c.req.param('id');
    const sensor = sensors.find(sensorId, now());
    if (!sensor) return refuseUnknownSensor(c);
    if (!acceptsCommands(sensor.sensor_type)) return refuseCommand(c, 'This sensor takes no commands.');
    if (!command.ok) return refuseUnreadable(c, command.error);
    if (!takesCommand(sensor.sensor_type, command.value))
      return refuseCommand(c, `This sensor takes no ${command.value.command}.`);
    return c.json({ delivered: sensors.command(sensorId, deviceCommandPayload(sensorId, command.value)) }, 202);
  });

  routes.all(path, (c) => refuseMethod(c, 'POST'));
  return routes;
}

function refuseCommand(c: Context<HttpEnv>, message: string): Response {
  return refuse(c, { status: 409, code: 'command-unsupported', message, category: 'client' });
}

function refuseUnreadable(c: Context<HttpEnv>, { code, detail }: AppError): Response {
  const message = `The command was not understood (${detail ?? code}).`;
  return refuse(c, { status: 400, code, message, category: 'client' });
}
