// The pages that a user sees: plain forms, which a script can fill in too.
export function page(title, body) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>`
    + `<body><h1>${title}</h1>${body}</body></html>`;
}

export const logIn = page(
  'Log in',
  '<form method="post"><input name="username" autocomplete="username"><input name="password" type="password">'
    + '<button type="submit">Log in</button></form>',
);

export const consent = page(
  'Consent',
  '<form method="post"><input type="hidden" name="consent" value="yes"><button type="submit">Allow</button></form>',
);

function show(ctx, title, body, status = 200) {
  ctx.type = 'html';
  ctx.status = status;
  ctx.body = page(title, body);
}

export const devicePages = {
  charset: 'base-20',
  mask: '****-****',
  userCodeInputSource: (ctx, form, out, error) =>
    show(ctx, 'Sign in a device', `${form}<button type="submit" form="op.deviceInputForm">Continue</button>`, error ? 400 : 200),
  userCodeConfirmSource: (ctx, form, client, device, code) =>
    show(ctx, 'Confirm the device', `<p>${code}</p>${form}<button type="submit" form="op.deviceConfirmForm">Continue</button>`
      + '<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Refuse</button>'),
  successSource: (ctx) => show(ctx, 'Device signed in', '<p>Go on at the device.</p>'),
};
