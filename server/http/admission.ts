/** Who is let in at all: by the name they used for us, and for sockets by the page they come from. */
import { isAllowedOrigin, isKnownHost } from './hosts.ts';

export interface Admission {
  /** Whether we answer to this Host header. */
  host(header: string | undefined): boolean;
  /** Whether a page of this origin may open a socket under this Host header; if not: 403 with an empty body. */
  socket(origin: string | undefined, hostHeader: string | undefined): boolean;
}

export interface AdmissionOptions {
  /** Only this machine can reach the gateway. */
  readonly loopback: boolean;
  /** The gateway speaks https. */
  readonly secure: boolean;
  /** Further origins under which the gateway may be reached. */
  readonly origins: readonly string[];
}

export function createAdmission(options: AdmissionOptions): Admission {
  const host = (header: string | undefined): boolean => !options.loopback || isKnownHost(header, options.origins);
  return {
    host,
    socket: (origin, header) => host(header) && isAllowedOrigin(origin, header, options.secure, options.origins),
  };
}
