import type { BinaryOperator } from "./ast";
import { equal, isArray, numberOrUndefined, toBoolean, toNumber, toText, UNDEFINED, type Value } from "./values";

/** https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-operators.html */
export type Operate = (left: Value, right: Value) => Value;

const isInt = (value: Value): boolean => Number.isInteger(value);

function comparison(holds: (a: number, b: number) => boolean): Operate {
  return (left, right) => {
    // Strings compare as numbers or not at all.
    const a = toNumber(left);
    const b = toNumber(right);
    return Number.isNaN(a) || Number.isNaN(b) ? UNDEFINED : holds(a, b);
  };
}

function arithmetic(compute: (a: number, b: number) => number): Operate {
  return (left, right) => numberOrUndefined(compute(toNumber(left), toNumber(right)));
}

/** Undefined on either side makes both of them Undefined, even `True OR Undefined`: so AWS's table of operators says. */
function logic(decide: (a: boolean, b: boolean) => boolean): Operate {
  return (left, right) => {
    const a = toBoolean(left);
    const b = toBoolean(right);
    return a === UNDEFINED || b === UNDEFINED ? UNDEFINED : decide(a, b);
  };
}

const add: Operate = (left, right) => {
  if (typeof left !== "string" && typeof right !== "string") {
    return typeof left === "number" && typeof right === "number" ? numberOrUndefined(left + right) : UNDEFINED;
  }
  const a = toText(left);
  const b = toText(right);
  return a === UNDEFINED || b === UNDEFINED ? UNDEFINED : a + b;
};

/** Int / Int stays an Int; a string on either side makes it a Decimal. */
const divide: Operate = (left, right) => {
  const quotient = toNumber(left) / toNumber(right);
  return numberOrUndefined(isInt(left) && isInt(right) ? Math.trunc(quotient) : quotient);
};

const isIn: Operate = (left, right) => {
  if (left === UNDEFINED || !isArray(right)) return UNDEFINED;
  return right.some((item) => equal(left, item));
};

export const operators: Readonly<Record<BinaryOperator, Operate>> = {
  AND: logic((a, b) => a && b),
  OR: logic((a, b) => a || b),
  IN: isIn,
  "=": (left, right) => (left === UNDEFINED || right === UNDEFINED ? UNDEFINED : equal(left, right)),
  "<>": (left, right) => (left === UNDEFINED || right === UNDEFINED ? UNDEFINED : !equal(left, right)),
  "<": comparison((a, b) => a < b),
  "<=": comparison((a, b) => a <= b),
  ">": comparison((a, b) => a > b),
  ">=": comparison((a, b) => a >= b),
  "+": add,
  "-": arithmetic((a, b) => a - b),
  "*": arithmetic((a, b) => a * b),
  "/": divide,
  "%": arithmetic((a, b) => a % b),
};

/** `cast(value as type)`, by the type's name in lower case. */
export const casts: Readonly<Record<string, (value: Value) => Value>> = (() => {
  const decimal = (value: Value): Value =>
    numberOrUndefined(typeof value === "boolean" ? Number(value) : toNumber(value));
  const int = (value: Value): Value => {
    const number = decimal(value);
    return number === UNDEFINED ? UNDEFINED : Math.floor(number as number);
  };
  const boolean = (value: Value): Value => (typeof value === "number" ? value !== 0 : toBoolean(value));
  return {
    string: toText,
    nvarchar: toText,
    text: toText,
    ntext: toText,
    varchar: toText,
    int,
    integer: int,
    double: decimal,
    decimal,
    bool: boolean,
    boolean,
  };
})();
