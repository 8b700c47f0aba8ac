/**
 * Writes a file whole or not at all: beside its name first, then under it. A process that is killed in between leaves
 * `NAME.part`, which the next run replaces.
 */
import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

export function writeWhole(file: string, content: string | Uint8Array): void {
  const part = `${file}.part`;
  try {
    writePart(part, typeof content === 'string' ? Buffer.from(content) : content);
    renameSync(part, file);
  } catch (error) {
    // Another process wrote the same file at the same moment, and has renamed it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(file)) return;
    rmSync(part, { force: true });
    throw error;
  }
}

function writePart(part: string, bytes: Uint8Array): void {
  const descriptor = openPart(part);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    ftruncateSync(descriptor, bytes.length);
  } catch (error) {
    // Of a descriptor the system names no path.
    throw Object.assign(error as NodeJS.ErrnoException, { path: part });
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A link that somebody put there is not followed: it leads out of the folder. What is in the file is written over and not
 * emptied first, because another process that writes the same document may have given it its name already.
 */
function openPart(part: string): number {
  const found = lstatSync(part, { throwIfNoEntry: false });
  if (found !== undefined && !(found.isFile() && found.nlink === 1)) rmSync(part, { force: true });
  return openSync(part, constants.O_WRONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0));
}
