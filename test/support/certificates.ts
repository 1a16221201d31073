import { join } from 'node:path'

const folder = join(import.meta.dirname, 'tls')

/** PEM files. `server` is valid for localhost and 127.0.0.1, `misnamed` for another host; `ca` signed both. */
export const certificates = {
  ca: join(folder, 'ca.pem'),
  unrelatedCa: join(folder, 'unrelated-ca.pem'),
  server: join(folder, 'server.pem'),
  misnamed: join(folder, 'misnamed.pem'),
  serverKey: join(folder, 'server.key'),
}
