/** The value of a metric in one period; undefined where nothing was measured. */
export type Measured = number | undefined;

type Node = (values: Readonly<Record<string, Measured>>) => Measured;

/** What CloudWatch would refuse, or what only CloudWatch can work out. */
export class MetricMathError extends Error {}

/**
 * Compiles an expression of CloudWatch metric math, as far as alarms of functions and APIs need it: numbers, metrics by
 * their ids, `+ - * /`, parentheses, and `FILL(metric, number)`. What is not measured makes the whole expression not measured, and
 * so does a division by zero, as in CloudWatch.
 * @throws MetricMathError
 */
export function compileMath(expression: string, ids: readonly string[]): Node {
  const tokens = expression.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|[^\s]/g) ?? [];
  let at = 0;
  const refuse = (): never => {
    throw new MetricMathError(
      `the local cloud cannot work out ${JSON.stringify(expression)} at ${JSON.stringify(tokens[at] ?? "its end")}`,
    );
  };
  const take = (token: string) => (tokens[at] === token ? at++ : refuse());

  function operand(): Node {
    const token = tokens[at] ?? refuse();
    if (token === "(") {
      take("(");
      const inner = sum();
      take(")");
      return inner;
    }
    if (token === "-") {
      at++;
      const negated = operand();
      return (values) => over([negated(values)], ([value]) => -value!);
    }
    if (/^\d/.test(token)) {
      at++;
      return () => Number(token);
    }
    if (token === "FILL") {
      at++;
      take("(");
      const filled = sum();
      take(",");
      const filler = operand();
      take(")");
      return (values) => filled(values) ?? filler(values);
    }
    if (!ids.includes(token)) refuse();
    at++;
    return (values) => values[token];
  }

  function chain(next: () => Node, operators: Readonly<Record<string, (a: number, b: number) => Measured>>): Node {
    let left = next();
    for (let operator = operators[tokens[at] ?? ""]; operator; operator = operators[tokens[at] ?? ""]) {
      at++;
      const [before, work, right] = [left, operator, next()];
      left = (values) => over([before(values), right(values)], ([a, b]) => work(a!, b!));
    }
    return left;
  }

  const product = () => chain(operand, { "*": (a, b) => a * b, "/": (a, b) => (b === 0 ? undefined : a / b) });
  const sum = (): Node => chain(product, { "+": (a, b) => a + b, "-": (a, b) => a - b });

  const compiled = sum();
  if (at < tokens.length) refuse();
  return compiled;
}

const over = (values: readonly Measured[], work: (values: readonly number[]) => Measured): Measured =>
  values.some((value) => value === undefined) ? undefined : work(values as readonly number[]);
