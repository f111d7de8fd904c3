import { execFileSync } from "node:child_process";

const isTestFile = (path) => /\.(integration\.test|spec)\.ts$/.test(path);

/**
 * The integration and browser tests' files that a revision had, by the names that they have now: renames are followed from
 * commit to commit. What was removed since is left out.
 */
export function filesOfRevision(root, revision) {
  const git = (...args) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1e9 }).split("\n");
  const now = new Map(
    git("ls-tree", "-r", "--name-only", revision)
      .filter(isTestFile)
      .map((path) => [path, path]),
  );
  const changes = ["log", "--reverse", "--diff-filter=R", "-M40%", "--name-status", "--format="];
  for (const line of git(...changes, `${revision}..HEAD`)) {
    const [, from, to] = line.split("\t");
    for (const [then, path] of now) if (path === from) now.set(then, to);
  }
  const here = new Set(git("ls-files"));
  return [...now.values()].filter((path) => here.has(path));
}
