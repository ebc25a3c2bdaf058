// Swagger's dark colours hang on a class of the root element; it follows the system's theme, as all our pages do.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

dark.addEventListener("change", follow);
follow();
