// What a product is: its fields, and what may be wrong with them. Knows nothing of HTTP or of AWS.

const MOST = 1e9;
const required = ["name", "price"];

const checks = {
  id: (value) => (typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value) ? null : "must be 1 to 64 letters, digits, - or _"),
  name: (value) => (isText(value, 200) ? null : "must be a text of 1 to 200 characters"),
  price: priceProblem,
  stock: (value) => (Number.isInteger(value) && value >= 0 && value <= MOST ? null : "must be a whole number from 0 to 1000000000"),
  tags: (value) => (isTags(value) ? null : "must be a list of at most 20 non-empty texts"),
};

/** Every problem, each with its field; an empty list means a valid product. */
export function errorsIn(body) {
  const stray = Object.keys(body).filter((field) => !Object.hasOwn(checks, field));
  const missing = required.filter((field) => !Object.hasOwn(body, field));
  const wrong = Object.entries(checks)
    .filter(([field]) => Object.hasOwn(body, field))
    .map(([field, check]) => ({ field, problem: check(body[field]) }))
    .filter(({ problem }) => problem !== null);
  return [
    ...stray.map((field) => ({ field, problem: "is not a field of a product" })),
    ...missing.map((field) => ({ field, problem: "is required" })),
    ...wrong,
  ];
}

function priceProblem(value) {
  if (typeof value !== "number" || value < 0 || value > MOST) return "must be a number from 0 to 1000000000";
  return Number(value.toFixed(2)) === value ? null : "must have at most two decimal places";
}

function isText(value, max) {
  return typeof value === "string" && value.trim().length >= 1 && value.trim().length <= max;
}

function isTags(value) {
  return Array.isArray(value) && value.length <= 20 && value.every((tag) => typeof tag === "string" && tag !== "");
}
