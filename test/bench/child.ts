/** Runs one measurement and sends what it found to the process that forked this one. */
const [, , file] = process.argv;

// Whoever asked for it is gone: then it goes, and its local cloud with it.
process.once("disconnect", () => process.exit(1));

require(file as string)
  .run()
  .then((result: unknown) => process.send?.(result, () => process.exit(0)))
  .catch((error: Error) => {
    process.stderr.write(`\n${error.stack}\n`);
    process.exit(1);
  });
