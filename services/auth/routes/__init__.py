"""HTTP of auth: bodies in shared.api.auth, one module per noun."""

from services.auth.routes import accounts, invitations, me, operators, passwords, registration, sessions

ROUTES = [
    *sessions.ROUTES,
    *accounts.ROUTES,
    *invitations.ROUTES,
    *registration.ROUTES,
    *passwords.ROUTES,
    *me.ROUTES,
    *operators.ROUTES,
]
