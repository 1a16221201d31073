import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isoText } from '../../src/seed/cells/instant-text.ts'

it('says what toISOString says', () => {
  const least = -8.64e15
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ min: 0, max: Date.UTC(10_001, 0), noNaN: true }),
        fc.double({ min: least, max: -least, noNaN: true }),
      ),
      instant => {
        expect(isoText(instant)).toBe(new Date(instant).toISOString())
      },
    ),
    { numRuns: 20_000 },
  )
})
