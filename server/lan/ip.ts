/** IP addresses as bytes, and which of them belong to private networks. */
import { BlockList, isIP, isIPv6 } from 'node:net';

/** A network as `address/prefix`. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
}

/** Networks nobody routes across the internet: loopback, RFC 1918, link-local, carrier NAT, IPv6 unique local. */
export const PRIVATE_NETWORKS: readonly Network[] = [
  { address: '127.0.0.0', prefix: 8 },
  { address: '10.0.0.0', prefix: 8 },
  { address: '172.16.0.0', prefix: 12 },
  { address: '192.168.0.0', prefix: 16 },
  { address: '169.254.0.0', prefix: 16 },
  { address: '100.64.0.0', prefix: 10 },
  { address: '::1', prefix: 128 },
  { address: 'fc00::', prefix: 7 },
  { address: 'fe80::', prefix: 10 },
];

/** The 4 or 16 bytes of an address. Error: throws on text that is no address. */
export function addressBytes(address: string): Uint8Array {
  const version = isIP(address);
  if (version === 0) throw new Error(`not an IP address: ${address}`);
  if (version === 4) return Uint8Array.from(address.split('.').map(Number));
  const [head = '', tail] = withoutDots(address).split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return Uint8Array.from([...left, ...middle, ...right].flatMap((group) => [group >> 8, group & 0xff]));
}

/** Address and mask of a network, one after the other, as name constraints want them (RFC 5280 §4.2.1.10). */
export function networkBytes(network: Network): Uint8Array {
  const address = addressBytes(network.address);
  const mask = address.map((_, i) => {
    const ones = Math.min(8, Math.max(0, network.prefix - i * 8));
    return (0xff << (8 - ones)) & 0xff;
  });
  return Uint8Array.from([...address, ...mask]);
}

/** Whether an address lies in one of the networks. */
export function isInside(address: string, networks: readonly Network[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    list.addSubnet(network.address, network.prefix, isIPv6(network.address) ? 'ipv6' : 'ipv4');
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}

/** `::ffff:1.2.3.4` → `::ffff:102:304`. */
function withoutDots(address: string): string {
  const [, head, a, b, c, d] = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address) ?? [];
  if (head === undefined) return address;
  const hex = (high: string | undefined, low: string | undefined): string =>
    (Number(high) * 256 + Number(low)).toString(16);
  return `${head}${hex(a, b)}:${hex(c, d)}`;
}
