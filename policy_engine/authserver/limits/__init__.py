"""How many requests for tokens are answered: per source, and per client from a source."""

from policy_engine.authserver.limits.limiter import Rate, RateLimiter, RateLimits, Unlimited
from policy_engine.authserver.limits.memory import MemoryRateLimiter
from policy_engine.authserver.limits.stored import StoredRateLimiter

__all__ = ["MemoryRateLimiter", "Rate", "RateLimiter", "RateLimits", "StoredRateLimiter", "Unlimited"]
