from ..feature import Feature
from .hasher import open_passwords
from .settings import PasswordSettings

feature = Feature("passwords", settings={"password": PasswordSettings}, resources=(open_passwords,))
