const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: 'we may not write there',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not become that large',
  EISDIR: 'there is a folder of that name',
  ENOENT: 'there is no such folder',
  ENOSPC: 'no space is left on the device',
  ENOTDIR: 'part of its path is a file',
  EROFS: 'the file system is read-only',
}

/** Whether it is about a file that could not be written. */
export function isOfFiles(error: unknown): error is NodeJS.ErrnoException {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code !== undefined && Object.hasOwn(SENTENCES, code)
}

/** Why a file could not be written: `no space is left on the device`. */
export function whyUnwritable({ code, message }: NodeJS.ErrnoException): string {
  return SENTENCES[code ?? ''] ?? message
}
