"""HTTP of auth: bodies in shared.api.auth, one module per noun."""

from services.auth.routes import accounts, invitations, operators, registration, sessions

ROUTES = [
    *sessions.ROUTES,
    *accounts.ROUTES,
    *invitations.ROUTES,
    *registration.ROUTES,
    *operators.ROUTES,
]
