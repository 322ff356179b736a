// Sets the theme before anything is painted. It stands in the page itself: page.mjs puts it there.
try {
  const { theme } = JSON.parse(localStorage.getItem("heddle-lab")) ?? {};
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Private windows have nothing kept.
}
