import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const storageKey = "thingstack.theme";
const next: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };

export const theme = signal<Theme>(stored());

/** As the system has it, or as the person has chosen on this machine. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}

export function switchTheme(): void {
  theme.value = next[theme.value];
  localStorage.setItem(storageKey, theme.value);
  applyTheme();
}

function stored(): Theme {
  const found = localStorage.getItem(storageKey);
  return found === "light" || found === "dark" ? found : "system";
}
