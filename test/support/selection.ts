import { isInstalled, type PostgresMajor, postgresMajors, unavailable } from './runtimes.ts'

const usual: readonly PostgresMajor[] = [15, 18]

/** The versions that `PG_MAJORS` names, otherwise the usual ones and those that are installed already. */
export async function selectedMajors(asked = process.env.PG_MAJORS): Promise<PostgresMajor[]> {
  const selected: PostgresMajor[] = []
  for (const major of asked ? parse(asked) : postgresMajors) {
    const isWanted = asked || usual.includes(major) || (await isInstalled(`pg${major}`))
    const reason = isWanted && (await unavailable(`pg${major}`))
    if (reason) console.log(`${reason} Its tests are left out.`)
    else if (isWanted) selected.push(major)
  }
  return selected
}

function parse(asked: string): PostgresMajor[] {
  return asked.split(',').map(word => {
    const major = postgresMajors.find(known => String(known) === word.trim())
    if (!major) throw new Error(`PG_MAJORS names "${word}"; known are ${postgresMajors.join(',')}.`)
    return major
  })
}
