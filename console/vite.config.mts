import { defineConfig } from "vite";

/** Builds the page into `dist`: one script and one style sheet, named by their content, so that browsers keep them for ever. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The page is one chunk: there is nothing to preload, and no second request to wait for.
    modulePreload: false,
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
  },
});
