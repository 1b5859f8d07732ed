import { createMemoryOutbox } from '../../src/outbox/memory-outbox.ts';
import { outboxContract } from './outbox-contract.ts';

outboxContract('memory', () => Promise.resolve(createMemoryOutbox(1_700_000_000_000_000)));
