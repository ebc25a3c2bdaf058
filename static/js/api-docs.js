// Swagger's dark colours hang on a class of the root element; it follows the theme that was chosen, else the system's.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const { theme } = document.documentElement.dataset;
const follow = () => document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : dark.matches);

dark.addEventListener("change", follow);
follow();
