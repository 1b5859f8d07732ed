import { afterAll, vi } from 'vitest';
import { installIndexedDb, openLab } from '../support/outbox-lab.ts';
import { outboxContract } from './outbox-contract.ts';

afterAll(() => vi.unstubAllGlobals());

outboxContract('durable', async () => {
  installIndexedDb();
  return (await openLab()).outbox;
});
