import { roundHalfUp, UNDEFINED } from "../values";
import { type Functions, ofNumbers } from "./function";

/** JavaScript's bit operators stop at 32 bits; AWS's Int does not. */
function bits(compute: (a: bigint, b: bigint) => bigint): (a: number, b: number) => number {
  return (a, b) => {
    const [x, y] = [Math.floor(a), Math.floor(b)];
    return Number.isFinite(x) && Number.isFinite(y) ? Number(compute(BigInt(x), BigInt(y))) : Number.NaN;
  };
}

/** Cuts the digits, for arithmetic on doubles would make 0.28 of `trunc(0.29, 2)`. */
function truncate(value: number, places: number): number {
  if (Number.isNaN(places)) return Number.NaN;
  const [digits, exponent] = String(value).split("e");
  if (exponent !== undefined) return Number(exponent) > 0 || -Number(exponent) <= places ? value : 0;
  const point = digits!.indexOf(".");
  return point < 0 ? value : Number(digits!.slice(0, point + 1 + places));
}

const bitnot = bits((a) => ~a);
const remainder = ofNumbers(2, (a, b) => a % b);

export const numberFunctions: Functions = {
  abs: ofNumbers(1, Math.abs),
  ceil: ofNumbers(1, Math.ceil),
  floor: ofNumbers(1, Math.floor),
  round: ofNumbers(1, roundHalfUp),
  sign: ofNumbers(1, Math.sign),
  sqrt: ofNumbers(1, Math.sqrt),
  power: ofNumbers(2, (a, b) => a ** b),
  exp: ofNumbers(1, Math.exp),
  ln: ofNumbers(1, Math.log),
  log: ofNumbers(1, Math.log10),
  mod: remainder,
  remainder,
  sin: ofNumbers(1, Math.sin),
  cos: ofNumbers(1, Math.cos),
  tan: ofNumbers(1, Math.tan),
  asin: ofNumbers(1, Math.asin),
  acos: ofNumbers(1, Math.acos),
  atan: ofNumbers(1, Math.atan),
  atan2: ofNumbers(2, Math.atan2),
  sinh: ofNumbers(1, Math.sinh),
  cosh: ofNumbers(1, Math.cosh),
  tanh: ofNumbers(1, Math.tanh),
  bitand: ofNumbers(
    2,
    bits((a, b) => a & b),
  ),
  bitor: ofNumbers(
    2,
    bits((a, b) => a | b),
  ),
  bitxor: ofNumbers(
    2,
    bits((a, b) => a ^ b),
  ),
  bitnot: ofNumbers(1, (a) => bitnot(a, 0)),
  rand: { arity: [0, 0], call: (_, message) => message.environment.random() },
  trunc: ofNumbers(2, (value, places) => truncate(value, Math.min(34, Math.max(0, Math.floor(places))))),
  nanvl: {
    arity: [2, 2],
    call: ([value, instead]) => (value === UNDEFINED || value === null ? instead! : value!),
  },
};
