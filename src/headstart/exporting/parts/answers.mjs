// From what the file gives to what is said of an input.

/** From probabilities, or a number, to what is said. */
export function answer(values, { class_names: names, kind, decision: rule }) {
  if (kind === "real") {
    const reach = rule.half_width;
    const found = reach == null ? [values[0]] : [values[0], values[0] - reach, values[0] + reach];
    const said = found.map((each) => (rule.is_logarithm ? Math.max(0, Math.expm1(Math.min(each, 700))) : each));
    return Object.fromEntries(["prediction", "low", "high"].slice(0, said.length).map((name, i) => [name, said[i]]));
  }
  const probabilities = Object.fromEntries(names.map((name, k) => [name, values[k]]));
  if (kind === "multilabel") {
    const given = names.filter((name, k) => values[k] >= (rule.thresholds?.[k] ?? 0.5));
    return { prediction: given.join("|"), probabilities };
  }
  const chosen = decided(values, rule);
  return { prediction: names[chosen], probability: values[chosen], probabilities };
}

/** Number of the most probable class, or of what the model's rule makes of the probabilities. */
function decided(p, rule) {
  const least = (list) => list.indexOf(Math.min(...list));
  const dot = (weights) => p.reduce((sum, each, k) => sum + each * weights[k], 0);
  if (rule.values) return least(rule.values.map((grade) => Math.abs(dot(rule.values) - grade)));
  if (rule.costs) return least(p.map((_, given) => dot(rule.costs.map((row) => row[given]))));
  if (rule.factors) return least(p.map((each, k) => -each * rule.factors[k]));
  if (rule.threshold == null) return p.indexOf(Math.max(...p));
  if (p[rule.positive] >= rule.threshold) return rule.positive;
  const others = p.map((each, k) => (k === rule.positive ? -1 : each));
  return others.indexOf(Math.max(...others));
}
