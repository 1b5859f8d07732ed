/** Under which addresses and names other devices on the network can reach this machine. */
import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/** Interfaces of containers and virtual machines: a phone cannot reach them, so they are never offered first. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|utun|zt|tailscale|wg)/i;

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Addresses other devices may use, best first: IPv4 of real interfaces, then IPv6, then virtual ones. */
export function lanAddresses(interfaces: Interfaces = networkInterfaces()): string[] {
  const found = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? [])
      // fe80:: addresses need a zone (%eth0), which no browser accepts in a URL.
      .filter((info) => !info.internal && !/^fe80:/i.test(info.address))
      .map((info) => ({
        address: info.address,
        rank: (VIRTUAL.test(name) ? 2 : 0) + (info.family === 'IPv6' ? 1 : 0),
      })),
  );
  return [...new Set(found.sort((a, b) => a.rank - b.rank).map((item) => item.address))];
}

/** Names of this machine that a certificate can carry. */
export function localNames(name: string = hostname()): string[] {
  const label = name.toLowerCase().replace(/\.(local|lan|home\.arpa|internal)$/, '');
  const own = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label) ? [label, `${label}.local`] : [];
  return [...new Set(['localhost', ...own])];
}
