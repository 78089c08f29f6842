// Runs before the first paint, so that a chosen theme and language never flash as the other one.
try {
  const theme = localStorage.getItem('doorbook.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  if (localStorage.getItem('doorbook.lang') === 'en') document.documentElement.lang = 'en';
} catch {
  // Storage is closed to us (private mode): the system's theme holds.
}
