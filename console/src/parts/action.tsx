import { useState } from "preact/hooks";

/** Something that a person does, which takes a while and may fail: runs once at a time, and keeps what went wrong. */
export function useAction(): {
  readonly busy: boolean;
  readonly error?: Error;
  readonly clear: () => void;
  readonly run: (work: () => Promise<unknown>) => Promise<void>;
} {
  const [state, setState] = useState<{ busy: boolean; error?: Error }>({ busy: false });
  return {
    ...state,
    clear: () => setState({ busy: false }),
    run: async (work) => {
      if (state.busy) return;
      setState({ busy: true });
      try {
        await work();
        setState({ busy: false });
      } catch (error) {
        setState({ busy: false, error: error as Error });
      }
    },
  };
}
