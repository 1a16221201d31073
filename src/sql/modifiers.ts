import type { TypeRow } from '../catalog/types.ts'

/** pg_attribute.atttypmod in the terms of SQL. */
export function modifiersOf(type: TypeRow | undefined, modifier: number): number[] {
  if (modifier < 0) return []
  switch (type?.name) {
    case 'varchar':
    case 'bpchar':
      return [modifier - 4]
    case 'numeric': {
      const scale = (modifier - 4) & 0x7ff
      return [((modifier - 4) >> 16) & 0xffff, scale > 1000 ? scale - 2048 : scale]
    }
    default:
      return [modifier]
  }
}
