import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAGS, parseCommand } from '../../../server/cli.ts';

function options(args: string[], env: Record<string, string> = {}) {
  const command = parseCommand(args, env);
  if (!command.ok) throw new Error(command.error);
  if (command.value.kind !== 'run') throw new Error('expected to run');
  return command.value.options;
}

describe('the command line', () => {
  it('has defaults', () => {
    expect(options([])).toEqual({
      ...{ host: '127.0.0.1', port: 4173, dataDir: path.resolve('data'), retentionDays: 30, lan: false },
      ...{ stock: false, origins: [], modelOrigins: ['https://storage.googleapis.com/mediapipe-models/'] },
    });
  });

  it('reads the environment, and a flag wins over it', () => {
    const env = { PORT: '5000', HOST: '0.0.0.0', DATA_DIR: '/var/x' };
    expect(options([], env)).toMatchObject({ port: 5000, host: '0.0.0.0', dataDir: '/var/x' });
    const args = ['--port', '6000', '--host=::1', '--data-dir', '/y', '--retention-days', '7'];
    expect(options(args, env)).toMatchObject({ port: 6000, host: '::1', dataDir: '/y', retentionDays: 7 });
    expect(options([], { PORT: '', HOST: '' })).toMatchObject({ port: 4173, host: '127.0.0.1' });
  });

  it('listens on every address with --lan', () => {
    expect(options(['--lan'])).toMatchObject({ lan: true, host: '0.0.0.0' });
    expect(options(['--lan'], { HOST: '192.168.1.5' })).toMatchObject({ host: '192.168.1.5' });
  });

  it('turns into the stock server with --stock', () => {
    expect(options(['--stock'])).toMatchObject({ stock: true });
  });

  it('takes the origin of --server and of each --origin', () => {
    expect(options(['--server', 'https://Sensocto.example/']).upstream).toBe('https://sensocto.example');
    expect(options(['--origin', 'https://a.example', '--origin', 'http://b.example:81']).origins).toEqual([
      'https://a.example',
      'http://b.example:81',
    ]);
  });

  it('takes each --model-origin beside the publisher of the models, or none', () => {
    const published = 'https://storage.googleapis.com/mediapipe-models/';
    const given = ['--model-origin', 'https://Models.example/', '--model-origin=https://m.example:8443'];
    expect(options(given).modelOrigins).toEqual([published, 'https://models.example', 'https://m.example:8443']);
    expect(options(['--model-origin', 'none']).modelOrigins).toEqual([]);
  });

  it('shows help that names every flag and variable', () => {
    const command = parseCommand(['--port', 'x', '--help'], {});
    if (!command.ok || command.value.kind !== 'help') throw new Error('expected help');
    for (const name of Object.keys(FLAGS)) expect(command.value.text).toContain(`--${name}`);
    for (const name of ['PORT', 'HOST', 'DATA_DIR']) expect(command.value.text).toContain(name);
  });

  it.each([
    [['--port', 'x'], 'The port must be a number'],
    [['--port', '65536'], 'from 0 to 65535'],
    [['--lan', '--port', '65535'], 'from 0 to 65534'],
    [['--port', '-1'], '--port'],
    [['--retention-days', '0'], '--retention-days'],
    [['--retention-days', '1.5'], '--retention-days'],
    [['--host', 'a b'], 'The host'],
    [['--server', 'sensocto.example'], '--server'],
    [['--server', 'ftp://sensocto.example'], '--server'],
    [['--server', 'https://sensocto.example/path'], '--server'],
    [['--server', 'https://user:pw@sensocto.example'], '--server'],
    [['--origin', 'nonsense'], '--origin'],
    [['--model-origin', 'models.example'], '--model-origin'],
    [['--model-origin', 'http://models.example'], '--model-origin'],
    [['--model-origin', 'https://models.example/path'], '--model-origin'],
    [['--model-origin', 'https://user:pw@models.example'], '--model-origin'],
    [['--model-origin', 'https://*.example'], '--model-origin'],
    [['--model-origin', "https://a;script-src'x'"], '--model-origin'],
    [['--model-origin', 'none', '--model-origin', 'https://models.example'], '--model-origin none'],
    [['--prot', '1'], '--prot'],
    [['stray'], 'stray'],
    [['--port'], '--port'],
  ])('refuses %j in one line', (args, part) => {
    const command = parseCommand(args, {});
    expect(command.ok).toBe(false);
    if (command.ok) return;
    expect(command.error).toContain(part);
    expect(command.error).not.toContain('\n');
  });

  it('refuses a bad PORT from the environment', () => {
    expect(parseCommand([], { PORT: 'http' }).ok).toBe(false);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.array(fc.string()), (args) => typeof parseCommand(args, {}).ok === 'boolean'));
  });
});
