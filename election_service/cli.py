"""`election-service`: the operator's, committee's and trustees' command.

Light on purpose: each worker process imports this module again, and needs none of the commands.
"""


def main() -> None:
    """Entry point of the command."""
    from election_service.commands.app import app

    app()


if __name__ == "__main__":
    main()
