import { join } from 'node:path'
import { tsImport } from 'tsx/esm/api'

const { chaos } = await tsImport(join(import.meta.dirname, 'chaos.ts'), import.meta.url)
await chaos(process.argv.slice(2))
