import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** An S3 endpoint that answers as the test says: for what an emulator never does (denials, throttling, lies about a length). */
export async function server(answer: RequestListener) {
  const http = createServer(answer);
  const open = new Set<Socket>();
  http.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(async () => {
    http.closeAllConnections();
    http.close();
    await once(http, 'close');
  });
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, open };
}

/** An answer with an error, as S3 writes it. */
export const refusal =
  (status: number, code: string): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>because</Message></Error>`);
  };
