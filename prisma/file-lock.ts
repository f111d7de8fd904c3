import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { tryLock } from "fs-native-extensions";

/** Held by every process that has this open file, by inheriting `fd` too; free when the last of them has closed it or ended. */
export type FileLock = {
  fd: number;
  /** Replaces what the file says; words for people, which decide nothing. */
  describe: (text: string) => Promise<void>;
  /** Closes it here: free, unless another process inherited it. */
  close: () => Promise<void>;
};

/** Kept from the garbage collector, which closes files that nobody refers to, and so frees them. */
const held = new Set<FileHandle>();

/**
 * Takes the kernel's lock on a file (an open file description lock on Linux, `flock` on macOS), made when missing and never
 * removed; null while somebody holds it. It needs no process number, so it holds between containers that share a
 * volume. Does not protect from file systems that keep locks to each machine, or from somebody who removes the file.
 * @throws Error where the file system cannot lock, saying what to do.
 */
export async function lockFile(path: string): Promise<FileLock | null> {
  for (;;) {
    const file = await openForLock(path);
    try {
      if (!isLocked(file.fd, path)) {
        await file.close();
        return null;
      }
      if (await isStillAt(file, path)) return lockOf(file);
      await file.close();
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

function lockOf(file: FileHandle): FileLock {
  held.add(file);
  return {
    fd: file.fd,
    describe: async (text) => {
      await file.truncate(0);
      await file.write(text);
    },
    close: () => {
      held.delete(file);
      return file.close();
    },
  };
}

/** What root makes belongs to the folder's owner, who may be the next to start. */
async function openForLock(path: string): Promise<FileHandle> {
  const file = await open(path, "a+", 0o600);
  if (process.getuid?.() === 0) {
    const { uid, gid } = await stat(dirname(path));
    await file.chown(uid, gid);
  }
  return file;
}

function isLocked(fd: number, path: string): boolean {
  try {
    return tryLock(fd);
  } catch (cause) {
    throw new Error(
      `The file system of ${path} cannot lock files, so nothing would keep a second Tocsin from using the same data: ` +
        "set DATA_DIR to a folder on a disk of this machine, or DATABASE_URL to a PostgreSQL of your own.",
      { cause },
    );
  }
}

/** Not when somebody removed or replaced it between opening and locking. */
async function isStillAt(file: FileHandle, path: string): Promise<boolean> {
  const [ours, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}
