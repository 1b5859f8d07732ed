/** How large pushes are on the wire. */
import { Serializer } from 'phoenix';

/** Bytes of a push as the socket library serialises it, and the WebSocket frame around it as a client sends it (RFC 6455 §5.2). */
export function frameBytes(event, payload) {
  const message = { join_ref: '7', ref: '1234', topic: 'sensocto:sensor:0a1b2c3d4e5f6', event, payload };
  let size = 0;
  Serializer.encode(message, (encoded) => {
    size = typeof encoded === 'string' ? Buffer.byteLength(encoded) : encoded.byteLength;
  });
  const length = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const mask = 4;
  return size + length + mask;
}
