/** Child of the kill test: appends numbered samples and says how far it came, until it is killed. */
import { openStore } from '../../server/store/store.ts';

const dataDir = process.argv[2] ?? '';
const store = openStore(dataDir, { retentionDays: 30 });
let next = 0;

function appendSome(): void {
  const series = store.series('sensor-1', 'ecg');
  for (let i = 0; i < 50; i++) {
    series.push({ attribute_id: 'ecg', payload: next / 1000, timestamp: Date.now(), seq: next });
    next += 1;
  }
  store.taken(50 * 60);
  process.send?.({ taken: next, at: Date.now() });
  setTimeout(appendSome, 5);
}

appendSome();
