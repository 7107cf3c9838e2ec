import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { buildConsole, siteDirectory } from "../../../console/build";

describe("console: what a browser loads", () => {
  before(() => {
    buildConsole();
  });
  const files = (ending: string) =>
    readdirSync(siteDirectory, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(ending))
      .map((file) => readFileSync(path.join(siteDirectory, file)));
  const total = (all: readonly Uint8Array[]) => all.reduce((sum, { length }) => sum + length, 0);

  it("is less than 40 KB of script, compressed, though 150 are allowed", () => {
    const scripts = files(".js");
    expect(total(scripts)).to.be.greaterThan(20_000);
    expect(total(scripts.map((script) => gzipSync(script)))).to.be.lessThan(40_000);
    expect(total(scripts.map((script) => brotliCompressSync(script)))).to.be.lessThan(40_000);
  });

  it("is less than 10 KB of style, compressed", () => {
    expect(total(files(".css").map((style) => gzipSync(style)))).to.be.lessThan(10_000);
  });

  it("has no inline script or style, which the content security policy forbids", () => {
    const [index = ""] = files("index.html").map(String);
    expect(index).not.to.match(/<style|style=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:/);
    expect(index).to.match(/<script type="module" crossorigin src="\/assets\/index-[\w-]+\.js">/);
  });

  it("needs nothing from another host", () => {
    for (const text of [...files(".html"), ...files(".css")].map(String)) expect(text).not.to.match(/https?:\/\//);
  });

  it("is not built again when nothing has changed", () => expect(buildConsole()).to.equal(false));
});
