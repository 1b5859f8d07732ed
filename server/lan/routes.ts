/** Routes of `--lan`: the page that explains the certificate, the certificate, and the facts for the app's QR code. */
import { Hono } from 'hono';
import type { HttpEnv } from '../http/context.ts';
import { documentPolicy } from '../http/security.ts';
import { lanPage, STYLE_HASH, type LanInfo } from './page.ts';

/**
 * @param info asked anew each time, as addresses change
 * @param certificate the authority, DER
 */
export function lanRoutes(info: () => LanInfo, certificate: Uint8Array): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  routes.get('/lan', (c) => {
    c.header('content-security-policy', documentPolicy(STYLE_HASH));
    return c.html(lanPage(info()));
  });
  routes.get('/lan/ca.crt', (c) => {
    const headers = {
      'content-type': 'application/x-x509-ca-cert',
      'content-disposition': 'attachment; filename="sensocto-ca.crt"',
    };
    return c.body(Uint8Array.from(certificate), 200, headers);
  });
  routes.get('/api/lan', (c) => c.json(info()));
  return routes;
}

/** Without `--lan`: an answer with nothing in it, as a 404 would show as an error in every browser's console. */
export function noLanRoutes(): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();
  routes.get('/api/lan', (c) => c.body(null, 204));
  return routes;
}
