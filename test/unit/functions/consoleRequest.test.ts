import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { handler } from "../../../functions/consoleRequest";

describe("console: where CloudFront looks for what is asked", () => {
  // As CloudFront has it: its text, and nothing from outside.
  const atTheEdge: typeof handler = runInNewContext(`${handler.toString()}; handler`);

  for (const [asked, found] of [
    ["/", "/index.html"],
    ["/anomalies", "/index.html"],
    ["/things/cooler-1", "/index.html"],
    ["/things/a:b_c", "/index.html"],
    ["/releases/cooler/cooler-2_0-1", "/index.html"],
    ["/api", "/index.html"],
    ["/apiary", "/index.html"],
    ["/index.html", "/index.html"],
    ["/config.json", "/config.json"],
    ["/assets/index-B_x.js", "/assets/index-B_x.js"],
    ["/assets/missing.css", "/assets/missing.css"],
    ["/api/things", "/things"],
    ["/api/things/api/", "/things/api/"],
    ["/api/things/a.b", "/things/a.b"],
  ]) {
    it(`${asked} is ${found}`, () => {
      expect(atTheEdge({ request: { uri: asked as string } }).uri).to.equal(found);
    });
  }
});
