// What this browser remembers. Storage may be forbidden: then it forgets at the next page.
export function stored(name, otherwise) {
  try {
    return localStorage.getItem(`queueflow.${name}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function store(name, value) {
  try {
    localStorage.setItem(`queueflow.${name}`, value);
  } catch {
    // Nothing to do: the choice holds for this page.
  }
}
