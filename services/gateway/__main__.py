"""python -m services.gateway"""

from services.gateway.app import create_gateway
from services.gateway.settings import GatewaySettings
from shared.process import run_application


def main() -> None:
    settings = GatewaySettings()
    run_application("gateway", settings, create_gateway(settings))


if __name__ == "__main__":
    main()
