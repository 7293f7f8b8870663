/** Writes the types of `dure/client` from the schemas of the door: `npm run client`. A test holds the file against them. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { clientTypes } from './client-types.ts'

writeFileSync(path.join(import.meta.dirname, '../src/client/routes.ts'), clientTypes())
