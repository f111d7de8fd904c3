declare module "fs-native-extensions" {
  /** Whether the kernel's exclusive lock on the open file description is now held. Throws for any other failure. */
  export function tryLock(fd: number): boolean;
}
