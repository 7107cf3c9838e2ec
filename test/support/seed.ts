import fc from "fast-check";

// Properties see the same inputs at every run, so that a commit fails by what it changed. Another SEED looks elsewhere.
fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
